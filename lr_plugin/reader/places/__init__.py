"""Files of this machine or elsewhere: listed, read in parts, or fetched."""
