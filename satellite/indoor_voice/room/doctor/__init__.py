"""The satellite's self-test: checks each part and advises what to do about failures."""
