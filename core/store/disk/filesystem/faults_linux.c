#define _GNU_SOURCE
#include "faults_linux.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Reading memory of a mapped file fails by SIGBUS where the file was cut, or its disk cannot be read, and kernels written in C cannot turn
 * that into an error. So the handler puts zeros in the place of the whole file, takes note, and lets the read go on; whoever used the memory
 * asks afterwards. (libwayland does the same for buffers of its clients.) A signal that is not of such memory goes to the handler that was
 * there before, which is that of the Go runtime, and from there on to that of the program. */

struct mapped_range {
  atomic_uintptr_t start; /* 0: not used */
  atomic_size_t size;
  atomic_int faulted;
};

/* Blocks are never freed, so that the handler can walk them without a lock. */
#define BLOCK_RANGES 256
struct block {
  struct mapped_range ranges[BLOCK_RANGES];
  _Atomic(struct block *) next;
};

static struct block first_block;
static atomic_size_t guarded;
static struct sigaction previous;
static pthread_mutex_t registering = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t installed = PTHREAD_ONCE_INIT;

static int cover(uintptr_t address) {
  for (struct block *b = &first_block; b != NULL; b = atomic_load(&b->next)) {
    for (size_t i = 0; i < BLOCK_RANGES; i++) {
      struct mapped_range *range = &b->ranges[i];
      uintptr_t start = atomic_load(&range->start);
      size_t size = atomic_load(&range->size);
      if (start == 0 || address < start || address - start >= size) continue;
      atomic_store(&range->faulted, 1);
      return mmap((void *)start, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) != MAP_FAILED;
    }
  }
  return 0;
}

static void on_bus_error(int signal, siginfo_t *info, void *context) {
  int saved = errno;
  /* Python's faulthandler, where it was enabled later, gets the fault first, steps back, and raises the signal anew. To return from that lets
   * the read fail once more, which then comes here. */
  int raised = info->si_code == SI_TKILL && info->si_pid == getpid() && atomic_load(&guarded) > 0;
  int covered = info->si_code > 0 && cover((uintptr_t)info->si_addr);
  errno = saved;
  if (raised || covered) return;
  if (previous.sa_flags & SA_SIGINFO) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigaction(signal, &standard, NULL);
    if (info->si_code <= 0) raise(signal);
  } else {
    previous.sa_handler(signal);
  }
}

static void install(void) {
  if (sigaction(SIGBUS, NULL, &previous) != 0) return;
  struct sigaction action = previous;
  action.sa_sigaction = on_bus_error;
  action.sa_flags |= SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGBUS, &action, NULL);
}

struct mapped_range *innerspace_guard(void *start, size_t size) {
  pthread_once(&installed, install);
  struct mapped_range *found = NULL;
  pthread_mutex_lock(&registering);
  struct block *b = &first_block;
  while (found == NULL && b != NULL) {
    for (size_t i = 0; i < BLOCK_RANGES && found == NULL; i++) {
      if (atomic_load(&b->ranges[i].start) == 0) found = &b->ranges[i];
    }
    if (found == NULL && atomic_load(&b->next) == NULL) atomic_store(&b->next, calloc(1, sizeof(struct block)));
    b = atomic_load(&b->next);
  }
  if (found != NULL) {
    atomic_store(&found->size, size);
    atomic_store(&found->faulted, 0);
    atomic_store(&found->start, (uintptr_t)start);
    atomic_fetch_add(&guarded, 1);
  }
  pthread_mutex_unlock(&registering);
  return found;
}

int innerspace_faulted(const struct mapped_range *range) { return atomic_load(&((struct mapped_range *)range)->faulted); }

void innerspace_unguard(struct mapped_range *range) {
  atomic_store(&range->start, 0);
  atomic_fetch_sub(&guarded, 1);
}
