"""Ears and voice of this machine for Home Assistant and others, by the Wyoming protocol.

The protocol knows no authentication: whoever reaches the port may use it.
"""
