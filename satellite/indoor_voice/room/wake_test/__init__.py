"""The `indoor-voice wake-test` command: what wake words find and miss in a folder of sound."""
