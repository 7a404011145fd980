"""The door: ASGI app, sign-in, sockets, downloads, commands, worker, printing, web client."""
