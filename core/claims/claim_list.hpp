// claim_list.hpp: the claims of each paper, in files of their own.
#pragma once

#include "claims/claim.hpp"

namespace attnlab {

// Yang et al., NeurIPS 2024: claims_cooccurrence_*.cpp, put together in cooccurrence.cpp
std::vector<Claim> cooccurrence_claims();
std::vector<Claim> kernel_claims();  // Song et al., NeurIPS 2024: claims_kernels.cpp
std::vector<Claim> query_claims();   // the same, W_Q alone: claims_queries.cpp; among kernel_claims
// Real data: language models (Tian et al.), classification (Song et al.)
std::vector<Claim> wikitext_claims();  // claims_wikitext.cpp
std::vector<Claim> lra_claims();       // claims_lra.cpp

}  // namespace attnlab
