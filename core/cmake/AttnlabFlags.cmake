# attnlab_flags: how everything of ours is compiled.
add_library(attnlab_flags INTERFACE)
target_compile_options(attnlab_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>)
# GCC 12 reports these falsely inside Eigen and the standard library when it inlines.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(attnlab_flags INTERFACE -Wno-maybe-uninitialized $<$<COMPILE_LANGUAGE:CXX>:-Wno-array-bounds -Wno-stringop-overflow -Wno-restrict>)
endif()
if(ATTNLAB_WERROR)
  target_compile_options(attnlab_flags INTERFACE -Werror)
endif()

# The instruction set is part of the numbers: it is fixed for the whole build and recorded in the results. No -ffast-math, ever.
if(ATTNLAB_ARCH)
  target_compile_options(attnlab_flags INTERFACE "-march=${ATTNLAB_ARCH}")
endif()
target_compile_options(attnlab_flags INTERFACE -ffp-contract=fast)
# Eigen's GEMM takes its blocks from the stack up to this size: no allocation inside a training step.
target_compile_definitions(attnlab_flags INTERFACE EIGEN_STACK_ALLOCATION_LIMIT=2097152 EIGEN_DONT_PARALLELIZE)

if(ATTNLAB_AUDIT OR CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(attnlab_flags INTERFACE ATTNLAB_AUDIT)
endif()
if(ATTNLAB_SANITIZE)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # false reports inside the compiler's own AVX-512 header
    target_compile_options(attnlab_flags INTERFACE -Wno-uninitialized)
  endif()
  target_compile_options(attnlab_flags INTERFACE "-fsanitize=${ATTNLAB_SANITIZE}" -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(attnlab_flags INTERFACE "-fsanitize=${ATTNLAB_SANITIZE}")
endif()

string(STRIP "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_BUILD_TYPE} -march=${ATTNLAB_ARCH}" ATTNLAB_BUILD_TAG)
target_compile_definitions(attnlab_flags INTERFACE "ATTNLAB_BUILD_TAG=\"${ATTNLAB_BUILD_TAG}\"" "ATTNLAB_VERSION=\"${PROJECT_VERSION}\"")
