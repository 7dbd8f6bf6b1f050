/*
 * notify.h - tells systemd how a daemon is (sd_notify(3)'s protocol: one datagram to the socket named in
 * NOTIFY_SOCKET).
 *
 * Does nothing where the daemon was not started by systemd. Any thread.
 */
#ifndef POSTWELLE_LIB_NOTIFY_H
#define POSTWELLE_LIB_NOTIFY_H

#include <glib.h>

/*
 * Sends e.g. "READY=1", "STOPPING=1", "RELOADING=1\nMONOTONIC_USEC=...", "WATCHDOG=1", "STATUS=text". FALSE: not sent.
 */
gboolean notify_send(const char *state);

/* How often to send WATCHDOG=1, in milliseconds: half of what the unit's WatchdogSec asks for; 0: not asked for. */
guint notify_watchdog_interval(void);

#endif
