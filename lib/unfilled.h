/*
 * unfilled.h - local variables that are not filled with zeros.
 *
 * The build fills each one (-ftrivial-auto-var-init=zero), so that nothing is ever read that was left on the stack. A
 * large one on the way of each mail, of which no more is read than was written, says so: `struct queue_record queue
 * UNFILLED;`
 */
#ifndef POSTWELLE_LIB_UNFILLED_H
#define POSTWELLE_LIB_UNFILLED_H

#if __has_attribute(uninitialized)
#define UNFILLED __attribute__((uninitialized))
#else
#define UNFILLED
#endif

#endif
