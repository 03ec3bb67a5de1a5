"""The room daemon: microphone, wake word, turn, loudspeaker."""
