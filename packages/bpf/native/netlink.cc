#include "netlink.h"

#include <errno.h>
#include <sys/socket.h>

#include <cstring>
#include <vector>

namespace sonde {
namespace {

constexpr size_t kReceiveBytes = 64 * 1024;  // the kernel fills dumps up to 32 KiB a message

}  // namespace

void NetlinkRequest::put(const void* data, size_t size) {
  buffer_.append(static_cast<const char*>(data), size);
  buffer_.append(NLMSG_ALIGN(buffer_.size()) - buffer_.size(), '\0');
}

void NetlinkRequest::attr(uint16_t type, const void* data, size_t size) {
  const struct rtattr head = {static_cast<unsigned short>(RTA_LENGTH(size)), type};
  put(&head, sizeof(head));
  put(data, size);
}

size_t NetlinkRequest::nest(uint16_t type) {
  const size_t at = buffer_.size();
  const struct rtattr head = {0, type};
  put(&head, sizeof(head));
  return at;
}

void NetlinkRequest::end(size_t nested) {
  const auto size = static_cast<unsigned short>(buffer_.size() - nested);
  std::memcpy(&buffer_[nested], &size, sizeof(size));  // rta_len stands first
}

const std::string& NetlinkRequest::bytes() {
  header_.nlmsg_len = static_cast<uint32_t>(buffer_.size());
  std::memcpy(&buffer_[0], &header_, sizeof(header_));
  return buffer_;
}

int Netlink::open(uint32_t groups) {
  fd_ = UniqueFd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!fd_.valid()) return -errno;
  struct sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  address.nl_groups = groups;
  return bind(fd_.get(), reinterpret_cast<struct sockaddr*>(&address), sizeof(address)) == 0 ? 0 : -errno;
}

int Netlink::ask(NetlinkRequest request, const Visit& visit) {
  const std::string& bytes = request.bytes();
  if (send(fd_.get(), bytes.data(), bytes.size(), 0) < 0) return -errno;
  std::vector<char> buffer(kReceiveBytes);
  for (;;) {
    const ssize_t size = recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return -errno;
    auto left = static_cast<uint32_t>(size);
    for (auto* at = reinterpret_cast<struct nlmsghdr*>(buffer.data()); NLMSG_OK(at, left); at = NLMSG_NEXT(at, left)) {
      if (at->nlmsg_type == NLMSG_DONE) return 0;
      if (at->nlmsg_type == NLMSG_ERROR) return static_cast<const struct nlmsgerr*>(NLMSG_DATA(at))->error;
      if (visit) visit(*at);
    }
  }
}

const struct rtattr* find_attr(const struct nlmsghdr& message, size_t body_size, uint16_t type) {
  if (message.nlmsg_len < NLMSG_SPACE(body_size)) return nullptr;
  auto left = static_cast<uint32_t>(message.nlmsg_len - NLMSG_SPACE(body_size));
  const char* start = reinterpret_cast<const char*>(&message) + NLMSG_SPACE(body_size);
  for (auto* at = reinterpret_cast<const struct rtattr*>(start); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    if ((at->rta_type & NLA_TYPE_MASK) == type) return at;
  }
  return nullptr;
}

std::string attr_text(const struct rtattr* attribute) {
  if (attribute == nullptr) return "";
  const char* text = static_cast<const char*>(RTA_DATA(attribute));
  return std::string(text, strnlen(text, RTA_PAYLOAD(attribute)));
}

}  // namespace sonde
