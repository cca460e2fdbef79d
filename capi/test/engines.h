/* Engines on the tiny CLIP model of testdata, and results read back. */
#ifndef ENGINES_H
#define ENGINES_H

#include "rows.h"

/* The definition: schema Image (id, image, description), space "space", index "index". `options` are members of its
 * options, as "\"threads\": 1", or "". The text is freed by the caller. */
char* definition(const char* options);
innerspace_handle open_engine(const char* options);
/* The query of the notebook: params image_search, image_weight, text_search, text_weight. */
innerspace_handle open_query(innerspace_handle engine);

/* The five pictures of the notebook, in the order of five_ids. */
extern const char* const five_ids[5];
extern const char* const five_descriptions[5];
void read_five(picture* five);
void free_five(picture* five);
/* Puts the five, with descriptions or without. */
void put_five(innerspace_handle engine, int described);

/* A result: ids and scores in order, owned. */
typedef struct {
  int rows;
  char* ids[16];
  double scores[16];
  int batches;
} answer;
/* Reads and releases a result's stream. */
answer read_answer(struct ArrowArrayStream* stream);
void free_answer(answer* a);
/* Runs a query and checks that it succeeds. `image` may be NULL. */
answer ask(innerspace_handle query, const char* params, const picture* image);

/* Checks that nothing is left: memory of results, handles, Arrow structs of ours. */
void nothing_left(void);

#endif
