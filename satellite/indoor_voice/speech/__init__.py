"""The speech server: speech recognition, end-of-speech detection and speech synthesis."""
