// Package vector has the arithmetic of vectors: dot products, norms, sums with
// protected entries, and the search for the highest scores. It knows nothing of
// spaces, rows or what a vector stands for.
package vector
