// token_classes.cpp: which token comes next? The data of Tian et al. 2023, section 3, as their
// generator Dataset2 makes them.
//
// A class n is a next token; its query is psi(n) = n / num_next_per_last, integer division. A
// sample of class n: T - 1 contextual tokens, independent draws from P(.|n), then the query; its
// target is the id of next token n. K = num_last num_next_per_last classes, and the ids are, in
// this order,
//
//   num_common                  common to all classes                       weight 1 each
//   num_common_per_last a query common to the classes of that query         weight 1 each
//   num_unique_per_next a class distinct: of that class alone               linspace(0.1, 1, n)
//   num_last                    queries
//   K                           next tokens
//
// P(.|n) is the weights of the class's tokens divided by their sum. `population: true` is the limit
// T = infinity: sample n holds every contextual token of class n once, ids rising, with P(l|n) as
// its weight, then the query with weight 0, for one query among infinitely many tokens weighs
// nothing.
#include <attnlab/task.hpp>
#include <vector>

namespace {

using attnlab::Failure;

constexpr double most = 1e6;
constexpr std::array options{
    attnlab::option::integer("num_last", "2", 1, most, "1", "query tokens"),
    attnlab::option::integer("num_next_per_last", "1", 1, most, "1", "classes a query"),
    attnlab::option::integer("num_common", "10", 0, most, "1", "tokens common to all classes"),
    attnlab::option::integer("num_common_per_last", "0", 0, most, "1",
                             "tokens common to the classes of one query, a query"),
    attnlab::option::integer("num_unique_per_next", "10", 0, most, "1", "distinct tokens, a class"),
    attnlab::option::integer("sequence_length", "128", 2, most, "1",
                             "tokens a sample (T), the query counts; not used by population"),
    attnlab::option::boolean("population", "false",
                             "T = infinity: one sample a class, its tokens weighted by P(l|n)"),
    attnlab::option::integer(
        "samples", "0", 0, 1e9, "1",
        "training samples; 0: fresh draws at every step; not used by population"),
};

constexpr std::int64_t most_groups = 64;  // more classes than this have no group each

class TokenClasses {
 public:
  static constexpr std::uint32_t flags = 0;

  TokenClasses(const attnlab::Options& o, const attnlab::Host& host, std::uint64_t seed)
      : host_(host),
        seed_(seed),
        n_queries_(o.integer("num_last")),
        next_per_query_(o.integer("num_next_per_last")),
        n_common_(o.integer("num_common")),
        n_common_per_query_(o.integer("num_common_per_last")),
        n_unique_(o.integer("num_unique_per_next")),
        length_(o.integer("sequence_length")),
        population_(o.boolean("population")),
        n_samples_(o.integer("samples")),
        n_classes_(n_queries_ * next_per_query_),
        unique_begin_(n_common_ + n_common_per_query_ * n_queries_) {
    n_context_ = n_common_ + n_common_per_query_ + n_unique_;
    if (n_context_ < 1) {
      throw Failure(
          "the classes have no contextual tokens: make one of num_common, num_common_per_last and "
          "num_unique_per_next at least 1");
    }
    const double ids = static_cast<double>(unique_begin_) +
                       static_cast<double>(n_classes_) * static_cast<double>(n_unique_ + 1) +
                       static_cast<double>(n_queries_);
    if (ids > 1e8) {
      throw Failure("the vocabulary would have " + std::to_string(static_cast<std::int64_t>(ids)) +
                    " tokens; take fewer classes or fewer tokens a class");
    }
    query_begin_ = unique_begin_ + n_unique_ * n_classes_;
    next_begin_ = query_begin_ + n_queries_;
    set_shares();
    name_groups();
    report_ = "token classes: " + std::to_string(n_classes_) + " classes, " +
              std::to_string(n_queries_) + (n_queries_ == 1 ? " query, " : " queries, ") +
              std::to_string(n_context_) + " contextual tokens a class, vocabulary " +
              std::to_string(vocabulary()) +
              (population_       ? ", the distributions themselves (population)"
               : n_samples_ == 0 ? ", fresh draws of " + std::to_string(length_) + " tokens"
                                 : ", " + std::to_string(n_samples_) + " samples of " +
                                       std::to_string(length_) + " tokens");
  }

  void shape(attnlab_task_shape& out) const {
    out.input = ATTNLAB_INPUT_TOKENS;
    out.target = ATTNLAB_TARGET_CLASS;
    out.n_groups = static_cast<std::int32_t>(groups_.size());
    out.max_tokens = population_ ? n_context_ + 1 : length_;
    out.vocabulary = vocabulary();
    out.outputs = vocabulary();
    out.n_samples[ATTNLAB_SPLIT_TRAIN] = population_ ? n_classes_ : n_samples_;
    out.groups = groups_.data();
    out.report = report_.c_str();
    out.weighted = population_ ? 1 : 0;
  }

  // The words of sample i are 0 .. T-1 of its own range: the class, then one a contextual token.
  void sample(std::int32_t, std::int64_t index, attnlab_sample& out) const {
    if (population_) return whole(index, out);
    std::array<std::uint64_t, 256> words;
    const auto first = static_cast<std::uint64_t>(index) * static_cast<std::uint64_t>(length_);
    std::int64_t n = 0;  // the class
    for (std::int64_t from = 0; from < length_;) {
      const auto count =
          static_cast<std::size_t>(std::min<std::int64_t>(words.size(), length_ - from));
      host_.random_bits(seed_, 0, first + static_cast<std::uint64_t>(from),
                        std::span(words).first(count));
      for (std::size_t i = 0; i < count; ++i, ++from) {
        if (from == 0)
          n = static_cast<std::int64_t>(words[i] % static_cast<std::uint64_t>(n_classes_));
        else
          out.tokens[from - 1] = context(n, drawn(words[i]));
      }
    }
    finish(n, length_, out);
  }

  std::string token_name(std::int64_t id) const {
    const auto in = [](const char* what, std::int64_t group, std::int64_t i) {
      return what + std::to_string(group) + "_" + std::to_string(i);
    };
    if (id < n_common_) return "common_" + std::to_string(id);
    if (id < unique_begin_)
      return in("common_of_query_", (id - n_common_) / n_common_per_query_,
                (id - n_common_) % n_common_per_query_);
    if (id < query_begin_)
      return in("unique_", (id - unique_begin_) / n_unique_, (id - unique_begin_) % n_unique_);
    if (id < next_begin_) return "query_" + std::to_string(id - query_begin_);
    return "next_" + std::to_string(id - next_begin_);
  }

 private:
  std::int64_t vocabulary() const { return next_begin_ + n_classes_; }

  // P(l|n) of the class's contextual token number l, the same for every class; and its running
  // sums.
  void set_shares() {
    std::vector<double> weight(static_cast<std::size_t>(n_common_ + n_common_per_query_), 1.0);
    const double step = n_unique_ > 1 ? 0.9 / static_cast<double>(n_unique_ - 1) : 0.0;
    for (std::int64_t i = 0; i < n_unique_; ++i) {
      const bool last = n_unique_ > 1 && i == n_unique_ - 1;
      weight.push_back(last ? 1.0 : 0.1 + step * static_cast<double>(i));
    }
    double sum = 0;
    for (const double w : weight) sum += w;
    double so_far = 0;
    for (const double w : weight) {
      share_.push_back(w / sum);
      so_far += w / sum;
      below_.push_back(so_far);
    }
    below_.back() = 2.0;  // every uniform number is below it
    std::int32_t l = 0;
    for (std::size_t g = 0; g < guide_.size(); ++g) {
      const double u = static_cast<double>(g) / static_cast<double>(guide_.size());
      while (u >= below_[static_cast<std::size_t>(l)]) ++l;
      guide_[g] = l;
    }
  }

  void name_groups() {
    if (n_classes_ > most_groups) return;
    for (std::int64_t n = 0; n < n_classes_; ++n)
      group_names_.push_back("class_" + std::to_string(n));
    for (const std::string& name : group_names_) groups_.push_back(name.c_str());
  }

  // The first l with u < P(0|n) + ... + P(l|n), for the uniform number u that the word stands for.
  std::int64_t drawn(std::uint64_t word) const {
    const double u = static_cast<double>(word >> 11) * 0x1.0p-53;
    std::size_t l = static_cast<std::size_t>(guide_[word >> 56]);
    while (u >= below_[l]) ++l;
    return static_cast<std::int64_t>(l);
  }

  // The id of contextual token number l of class n.
  std::int32_t context(std::int64_t n, std::int64_t l) const {
    if (l < n_common_) return static_cast<std::int32_t>(l);
    const std::int64_t own = l - n_common_;
    const std::int64_t id = own < n_common_per_query_
                                ? n_common_ + n / next_per_query_ * n_common_per_query_ + own
                                : unique_begin_ + n * n_unique_ + own - n_common_per_query_;
    return static_cast<std::int32_t>(id);
  }

  void whole(std::int64_t n, attnlab_sample& out) const {
    for (std::int64_t l = 0; l < n_context_; ++l) out.tokens[l] = context(n, l);
    if (out.weights != nullptr) {
      std::copy(share_.begin(), share_.end(), out.weights);
      out.weights[n_context_] = 0;
    }
    finish(n, n_context_ + 1, out);
  }

  void finish(std::int64_t n, std::int64_t n_tokens, attnlab_sample& out) const {
    out.tokens[n_tokens - 1] = static_cast<std::int32_t>(query_begin_ + n / next_per_query_);
    out.target_ids[0] = static_cast<std::int32_t>(next_begin_ + n);
    out.n_tokens = n_tokens;
    out.group = groups_.empty() ? -1 : static_cast<std::int32_t>(n);
  }

  attnlab::Host host_;
  std::uint64_t seed_;
  std::int64_t n_queries_, next_per_query_, n_common_, n_common_per_query_, n_unique_, length_;
  bool population_;
  std::int64_t n_samples_, n_classes_, unique_begin_;
  std::int64_t n_context_ = 0, query_begin_ = 0, next_begin_ = 0;
  std::vector<double> share_, below_;
  std::array<std::int32_t, 256> guide_{};  // where the search for a u with these first bits begins
  std::vector<std::string> group_names_;
  std::vector<const char*> groups_;
  std::string report_;
};

}  // namespace

ATTNLAB_TASK_PLUGIN(TokenClasses, options,
                    (attnlab::About{
                        .name = "token_classes",
                        .summary = "Context tokens drawn from a class, then a query: which token "
                                   "comes next? Token ids as targets.",
                        .formula = "x_1 .. x_{T-1} ~ P(.|n), x_T = psi(n), target n",
                        .paper = "Tian, Wang, Chen, Du, NeurIPS 2023, arXiv 2305.16380",
                    }))
