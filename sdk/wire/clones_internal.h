/*
 * clones_internal: loops over a whole group, compiled twice.
 *
 * Processors of today do four values at once, and the least that a package of
 * amd64 may ask for, two.  A function so marked is there for both, and the
 * dynamic linker takes the better one (GCC's function multiversioning).  What
 * it computes is the same.  Elsewhere, and where nothing is optimised or a
 * sanitizer would have to run before the linker is done, it is there once.
 */
#ifndef VLT_CLONES_INTERNAL_H
#define VLT_CLONES_INTERNAL_H

#if defined __x86_64__ && defined __gnu_linux__ && defined __OPTIMIZE__ &&     \
    defined __GNUC__ && !defined __clang__ && !defined __SANITIZE_ADDRESS__ && \
    !defined __SANITIZE_THREAD__
#define VLT_CLONES __attribute__((target_clones("default", "avx2"), flatten))
#else
#define VLT_CLONES
#endif

#endif
