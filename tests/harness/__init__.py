"""A mail world of its own for tests and for packaging/quickstart: our Postfix, the world's Postfix with a greylister,
a name server, our daemons, an independent verifier. Everything lives in one folder and on loopback addresses of its
own; nothing outside is touched, and nothing outlives the program that started it.

    with Sandbox() as sandbox:
        nameserver = Nameserver(sandbox)
        nameserver.add_zones({"people.test": receiving_zone(sandbox.addresses)})
        world = World(sandbox, ["people.test"])
        sender = sender_postfix(sandbox)
        sender.start()

Programs with this package on their path are Python 3 of Debian 12 or newer; what else they need is in
packaging/install-deps, run and test.
"""
