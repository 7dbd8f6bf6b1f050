/*
 * boot.h - which boot of the host this is: a reboot may have lost files of Postfix's queue that were not on the disk
 * yet.
 */
#ifndef POSTWELLE_POLICYD_BOOT_H
#define POSTWELLE_POLICYD_BOOT_H

#include "lib/journal.h"

/*
 * A number that is another one after each boot, from the kernel's boot_id. Where that can't be read it is a random one,
 * after a line in the log: then each start of policyd counts as a boot, and what is open at that time becomes
 * uncertain.
 */
guint64 boot_number(const struct journal *journal);

#endif
