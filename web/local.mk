# web/: postwelle-web. Everything but main.c is in a library, so that tests can link it.
noinst_LIBRARIES += web/libweb.a
web_libweb_a_SOURCES =
web_libweb_a_SOURCES += web/alarm.c web/alarm.h
web_libweb_a_SOURCES += web/facts.c web/facts.h
web_libweb_a_SOURCES += web/inquiry.c web/inquiry.h
web_libweb_a_SOURCES += web/status_page.c web/status_page.h
web_libweb_a_SOURCES += web/view.c web/view.h
web_libweb_a_SOURCES += web/words.c web/words.h
web_libweb_a_SOURCES += web/page.c web/page.h
web_libweb_a_SOURCES += web/server.c web/server.h
web_libweb_a_SOURCES += web/wish.c web/wish.h
web_libweb_a_CFLAGS = $(AM_CFLAGS) $(EVHTTP_CFLAGS)
LIBWEB = web/libweb.a $(LIBPOSTWELLE) $(EVHTTP_LIBS)

sbin_PROGRAMS += postwelle-web
postwelle_web_SOURCES = web/main.c
postwelle_web_LDADD = $(LIBWEB)
