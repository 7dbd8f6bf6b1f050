# milter/: postwelle-milter. Everything but main.c is in a library, so that tests can link it.
sbin_PROGRAMS += postwelle-milter
postwelle_milter_SOURCES = milter/main.c
postwelle_milter_LDADD = $(LIBMILTER)

noinst_LIBRARIES += milter/libmilter.a
milter_libmilter_a_SOURCES =
milter_libmilter_a_SOURCES += milter/callbacks.c
milter_libmilter_a_SOURCES += milter/canon.c milter/canon.h
milter_libmilter_a_SOURCES += milter/counters.c milter/counters.h
milter_libmilter_a_SOURCES += milter/engine.h
milter_libmilter_a_SOURCES += milter/from.c milter/from.h
milter_libmilter_a_SOURCES += milter/keys.c milter/keys.h
milter_libmilter_a_SOURCES += milter/protocol.c milter/protocol.h
milter_libmilter_a_SOURCES += milter/reserve.c milter/reserve.h
milter_libmilter_a_SOURCES += milter/turns.c milter/turns.h
milter_libmilter_a_SOURCES += milter/server.c
milter_libmilter_a_SOURCES += milter/session.c milter/session.h
milter_libmilter_a_SOURCES += milter/sign.c milter/sign.h
milter_libmilter_a_SOURCES += milter/sign_evp.c
milter_libmilter_a_SOURCES += milter/sign_opendkim.c
milter_libmilter_a_SOURCES += milter/snapshot.c milter/snapshot.h
milter_libmilter_a_SOURCES += milter/socket.c milter/socket.h
milter_libmilter_a_SOURCES += milter/status.c milter/status.h
milter_libmilter_a_SOURCES += milter/transaction.c milter/transaction.h
milter_libmilter_a_SOURCES += milter/verdict.c milter/verdict.h
milter_libmilter_a_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS) $(MILTER_CFLAGS) $(OPENDKIM_CFLAGS)
LIBMILTER = milter/libmilter.a $(LIBPOSTWELLE) $(MILTER_LIBS) $(OPENDKIM_LIBS)
