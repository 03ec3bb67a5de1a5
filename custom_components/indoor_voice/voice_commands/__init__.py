"""The spoken commands about recordings that anyone in a room can use."""
