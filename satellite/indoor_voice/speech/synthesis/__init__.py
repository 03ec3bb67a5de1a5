"""Speech synthesis, sentence by sentence."""
