"""The system services that the installer sets up: making, showing, updating and removing them."""
