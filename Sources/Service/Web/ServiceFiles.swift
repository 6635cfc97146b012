import Foundation
import Telemetry
import Viewer

extension EventStore.Query {
  /// Reads the parameters of a request; what is not understood is an error.
  init(_ query: [String: String]) throws {
    self.init()
    let known = ["camera", "rule", "class", "since", "until", "protected", "limit", "before"]
    if let name = query.keys.sorted().first(where: { !known.contains($0) && $0 != "token" }) {
      throw UserError("there is no parameter '\(name)'\(suggestion(for: name, among: known))")
    }
    func number(_ name: String) throws -> Double? {
      guard let text = query[name] else { return nil }
      guard let value = Double(text), value.isFinite else {
        throw UserError("'\(name)=\(text)': seconds since 1970 are needed")
      }
      return value
    }
    (camera, rule, label) = (query["camera"], query["rule"], query["class"])
    (since, until) = (try number("since"), try number("until"))
    if let text = query["protected"] {
      guard ["true", "false"].contains(text) else { throw UserError("'protected=\(text)': true or false is needed") }
      isProtected = text == "true"
    }
    if let text = query["limit"] {
      guard let value = Int(text), (1...1000).contains(value) else {
        throw UserError("'limit=\(text)': a whole number from 1 to 1000 is needed")
      }
      limit = value
    }
    if let text = query["before"] {
      guard let value = Int64(text) else { throw UserError("'before=\(text)': the id of an event is needed") }
      before = value
    }
  }
}

extension Service {
  func event(_ id: String) throws -> Event {
    guard let number = Int64(id), let event = try events.store.event(number) else {
      throw NotThere("there is no event \(id)")
    }
    return event
  }

  /// Deletes an event with its files.
  func remove(_ event: Event) throws {
    guard event.ended != nil else {
      throw UserError("event \(event.id) still lasts; it can be deleted when it is over")
    }
    _ = try events.store.remove(event.id)
    for name in [event.clip, event.snapshot, event.heat].compactMap({ $0 }) { unlink(storage.path(name).fileName) }
  }

  /// `{"protected": true}`.
  func change(_ event: Event, _ body: [UInt8]) throws -> Event {
    struct Wish: Decodable { let protected: Bool }
    guard let wish = try? JSONDecoder().decode(Wish.self, from: Data(body)) else {
      throw UserError("the body must be {\"protected\": true} or {\"protected\": false}")
    }
    var event = event
    event.protected = wish.protected
    try events.store.set(protected: wish.protected, of: event.id)
    return event
  }

  /// A file of an event.
  func file(_ name: String?, _ what: String, _ request: HTTPRequest) throws -> HTTPResponse {
    guard let name else { throw NotThere("this event has no \(what), or not yet") }
    return try FileAnswer.answer(storage.path(name), request)
  }

  /// A segment by its name below the folder of recordings, as `/v1/recordings` lists them.
  func recording(_ name: String, _ request: HTTPRequest) throws -> HTTPResponse {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains("..") && !parts.contains(".") && !parts.contains("") else {
      throw NotThere("there is no recording '\(name)'")
    }
    return try FileAnswer.answer(storage.recordings.appending(name: name), request)
  }
}

/// A file as an answer, or the part of it that a player asks for.
enum FileAnswer {
  private static let types = [
    "mp4": "video/mp4", "mkv": "video/x-matroska", "jpg": "image/jpeg", "jsonl": "application/jsonl",
  ]

  /// RFC 9110, section 14: one range of bytes.
  static func answer(_ path: String, _ request: HTTPRequest) throws -> HTTPResponse {
    guard let type = types[path.ending] else { throw NotThere("there is no such file") }
    let descriptor = open(path.fileName, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw NotThere("the file \(path.lastName) is not there any more") }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw NotThere("there is no such file")
    }
    let size = Int(status.st_size)
    let headers: [(name: String, value: String)] = [("Accept-Ranges", "bytes")]
    guard let wanted = request.headers["range"] else {
      return HTTPResponse(type: type, headers: headers, body: .file(descriptor: descriptor, offset: 0, count: size))
    }
    guard let range = range(wanted, of: size) else {
      close(descriptor)
      var answer = HTTPResponse.error(416, "the file has \(size) bytes")
      answer.headers.append(("Content-Range", "bytes */\(size)"))
      return answer
    }
    return HTTPResponse(
      status: 206, type: type,
      headers: headers + [("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)")],
      body: .file(descriptor: descriptor, offset: range.lowerBound, count: range.count))
  }

  /// The bytes that `bytes=100-`, `bytes=0-99` or `bytes=-100` name; nil for what a file of this size does not have.
  static func range(_ text: String, of size: Int) -> Range<Int>? {
    guard text.hasPrefix("bytes="), !text.contains(",") else { return nil }
    let ends = text.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard ends.count == 2 else { return nil }
    if ends[0].isEmpty {
      guard let last = Int(ends[1]), last > 0, size > 0 else { return nil }
      return max(0, size - last)..<size
    }
    guard let first = Int(ends[0]), first >= 0, first < size else { return nil }
    guard !ends[1].isEmpty else { return first..<size }
    guard let last = Int(ends[1]), last >= first else { return nil }
    return first..<min(size, last < Int.max ? last + 1 : size)
  }
}
