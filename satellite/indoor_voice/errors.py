"""Errors that the user can fix."""


class UserError(Exception):
    """A command cannot do what the user asked; the message says why and what to do."""
