"""The connecting end of the link to satellites and speech servers."""
