"""The other end of every wire: programs that play the devices. They import nothing of the product but `contract`."""
