"""What can go wrong in a way that the user can mend."""


class UserError(Exception):
    """The command cannot do what was asked; the message says why and what to do."""
