// Route netlink (rtnetlink(7)): requests that wait for their answer. For one thread.
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cstdint>
#include <functional>
#include <string>

#include "unique_fd.h"

namespace sonde {

// One request: a header, a fixed body, attributes.
class NetlinkRequest {
 public:
  template <typename Body>
  NetlinkRequest(uint16_t type, uint16_t flags, const Body& body) {
    header_.nlmsg_type = type;
    header_.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
    put(&body, sizeof(body));
  }
  void attr(uint16_t type, const void* data, size_t size);
  void attr(uint16_t type, const std::string& text) { attr(type, text.c_str(), text.size() + 1); }
  // Everything up to end() lies inside the attribute; `Body` is what some kinds put first.
  size_t nest(uint16_t type);
  template <typename Body>
  size_t nest(uint16_t type, const Body& body) {
    const size_t at = nest(type);
    put(&body, sizeof(body));
    return at;
  }
  void end(size_t nested);
  const std::string& bytes();

 private:
  void put(const void* data, size_t size);

  struct nlmsghdr header_ = {};
  std::string buffer_ = std::string(sizeof(struct nlmsghdr), '\0');
};

class Netlink {
 public:
  using Visit = std::function<void(const struct nlmsghdr&)>;

  // In the network namespace of this moment. `groups`: RTMGRP_*. Returns 0 or -errno.
  int open(uint32_t groups);
  int fd() const { return fd_.get(); }
  // Sends and reads until the answer is complete; every message of a dump is visited. Returns 0 or -errno.
  int ask(NetlinkRequest request, const Visit& visit = nullptr);

 private:
  UniqueFd fd_;
};

// The attribute of that type behind a body of `body_size` bytes, or null. Bounds are checked.
const struct rtattr* find_attr(const struct nlmsghdr& message, size_t body_size, uint16_t type);
std::string attr_text(const struct rtattr* attribute);

}  // namespace sonde
