"""The speech server: recogniser, end of speech, synthesiser."""
