import Foundation

/// Bytes that are made once for each key, by the first caller; callers that ask for the same key meanwhile wait.
final class OnceCache: @unchecked Sendable {
  // Safety: `entries` is touched under `condition`.
  private enum Entry {
    case inTheMaking
    case made([UInt8])
  }

  private let condition = NSCondition()
  private var entries: [AnyHashable: Entry] = [:]

  var count: Int {
    condition.lock()
    defer { condition.unlock() }
    return entries.count
  }

  func clear() {
    condition.lock()
    entries = entries.filter { if case .inTheMaking = $0.value { true } else { false } }
    condition.unlock()
  }

  func bytes(_ key: some Hashable, make: () throws -> [UInt8]) rethrows -> [UInt8] {
    condition.lock()
    while let entry = entries[key] {
      if case .made(let bytes) = entry {
        condition.unlock()
        return bytes
      }
      condition.wait()
    }
    entries[key] = .inTheMaking
    condition.unlock()
    var made: [UInt8]?
    defer {
      condition.lock()
      entries[key] = made.map(Entry.made)
      condition.broadcast()
      condition.unlock()
    }
    let bytes = try make()
    made = bytes
    return bytes
  }
}
