"""The room daemon: microphone, wake word, turn and loudspeaker."""
