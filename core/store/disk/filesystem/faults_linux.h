#include <stddef.h>

struct mapped_range;

/* Registers memory that is a mapped file, so that a fault there ends nothing: NULL where there is no memory to take note of it. */
struct mapped_range *innerspace_guard(void *start, size_t size);

/* Whether there was a fault: all of the memory then is zeros, whatever the file has. */
int innerspace_faulted(const struct mapped_range *range);

/* Ends the registration, before the memory is given back. */
void innerspace_unguard(struct mapped_range *range);
