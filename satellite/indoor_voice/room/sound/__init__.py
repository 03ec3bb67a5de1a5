"""Microphone, wake word and loudspeaker."""
