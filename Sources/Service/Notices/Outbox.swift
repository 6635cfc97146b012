import Foundation
import Telemetry

/// Messages that wait on the disk until they have arrived, in the order in which they were added.
struct Outbox: Sendable {
  /// A message and how often it was sent in vain.
  struct Letter: Sendable, Equatable {
    var id: Int64
    var body: String
    var attempts: Int
    /// When it is to be sent, in seconds since 1970.
    var due: Double
  }

  /// With more than these, the oldest go.
  private static let most = 10_000
  /// Seconds before the second attempt, and the longest wait.
  private static let (shortest, longest) = (5.0, 3600.0)

  private let store: EventStore
  private let channel: String

  init(_ store: EventStore, channel: String) { (self.store, self.channel) = (store, channel) }

  /// Adds a message.
  /// - Returns: how many old ones had to go for it.
  func add(_ body: String, at now: Double) throws -> Int {
    try store.withDatabase { [channel] database in
      try database.run(
        "INSERT INTO outbox (channel, body, due, created) VALUES (?,?,?,?)",
        [.text(channel), .text(body), .real(now), .real(now)])
      try database.run(
        """
        DELETE FROM outbox WHERE channel = ? AND id NOT IN
        (SELECT id FROM outbox WHERE channel = ? ORDER BY id DESC LIMIT \(Self.most))
        """, [.text(channel), .text(channel)])
      return database.changes
    }
  }

  /// The oldest message; nil when there is none. Others wait behind it, so that they arrive in order.
  func first() throws -> Letter? {
    try store.withDatabase { [channel] database in
      var found: Letter?
      try database.run(
        "SELECT id, body, attempts, due FROM outbox WHERE channel = ? ORDER BY id LIMIT 1", [.text(channel)]
      ) { row in
        found = Letter(
          id: row.integer(0), body: row.text(1) ?? "", attempts: Int(row.integer(2)), due: row.real(3) ?? 0)
      }
      return found
    }
  }

  /// It has arrived, or is given up.
  func remove(_ letter: Letter) throws {
    try store.withDatabase { try $0.run("DELETE FROM outbox WHERE id = ?", [.integer(letter.id)]) }
  }

  /// It has not arrived and is sent again later: after 5 s, then twice as long each time, up to an hour.
  func postpone(_ letter: Letter, at now: Double) throws {
    let wait = min(Self.longest, Self.shortest * Double(1 << min(letter.attempts, 20)))
    try store.withDatabase {
      try $0.run(
        "UPDATE outbox SET attempts = attempts + 1, due = ? WHERE id = ?", [.real(now + wait), .integer(letter.id)])
    }
  }

  /// How many wait.
  func count() throws -> Int {
    try store.withDatabase { [channel] database in
      var count = 0
      try database.run("SELECT COUNT(*) FROM outbox WHERE channel = ?", [.text(channel)]) { count = Int($0.integer(0)) }
      return count
    }
  }
}
