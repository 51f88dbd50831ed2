#ifndef X_H
#define X_H
#include <stdint.h>
struct list { struct list *next; char *name; };
typedef struct { void (*f)(int); } ops_t;
enum color { RED, GREEN };
union u { int a; float b; };
int frobnicate(struct list *l, const char *s);
static inline int two(void) { if (1) { return 2; } return 3; }
extern int x;
struct A { int processId; char message[900]; bool dataReady; };
struct broken { int a; char *p; int c; };
#endif
