"""The flows: refresh, watch, publish and the living cycle. Nothing but order."""
