"""A unit's parts: looked at, judged, remembered."""
