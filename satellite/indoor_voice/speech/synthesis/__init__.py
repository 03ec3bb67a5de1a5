"""Text to speech, sentence by sentence."""
