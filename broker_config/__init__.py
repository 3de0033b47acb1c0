"""The hall's broker: certificates, mosquitto.conf, ACL and revocation list, rendered from the device registry."""
