EXTRA_DIST += doc/DESIGN.md doc/PROTOCOL.md doc/STYLE.md doc/LOGGING.md doc/CHANGES
EXTRA_DIST += doc/pictures
