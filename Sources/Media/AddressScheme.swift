/// What follows `file:` or `file://`; nil for other addresses.
package func filePath(ofAddress address: String) -> String? {
  guard address.hasPrefix("file:") else { return nil }
  return String(address.dropFirst(address.hasPrefix("file://") ? 7 : 5))
}

/// The scheme of a network address in lower case, as `rtsp` in `RTSP://host/x`; nil where there is none.
package func scheme(of address: String) -> String? {
  guard let separator = address.firstRange(of: "://") else { return nil }
  let name = address[..<separator.lowerBound].lowercased()
  return !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || "+-.".contains($0) } ? name : nil
}

/// True for the nodes under `/dev` that cameras and video loopbacks have.
package func isVideoDevice(_ path: String) -> Bool { path.hasPrefix("/dev/video") || path.hasPrefix("/dev/v4l/") }

/// The address without name and password, for messages.
package func redacted(_ address: String) -> String {
  guard let scheme = address.firstRange(of: "://") else { return address }
  let authority = address[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
  guard let at = authority.lastIndex(of: "@") else { return address }
  return address[..<scheme.upperBound] + "…" + address[at...]
}
