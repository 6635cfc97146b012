import Telemetry

/// Packets of copied streams that a container does not take. A broken packet is left out; a stream is given up when many fail in a row.
struct CompanionFailures {
  private struct Record {
    var inARow = 0, lost = 0
    var wasTaken = false
    var reason = ""
  }
  private var records: [Int: Record] = [:]

  /// Packets in a row that may fail.
  private static let patience = 32

  /// A packet of the stream was written.
  mutating func succeeded(_ stream: Int) {
    records[stream, default: Record()].inARow = 0
    records[stream]?.wasTaken = true
  }

  /// A packet of the stream was not written.
  mutating func failed(_ stream: Int, _ error: any Error) {
    var record = records[stream] ?? Record()
    (record.inARow, record.lost, record.reason) = (record.inARow + 1, record.lost + 1, "\(error)")
    records[stream] = record
  }

  /// The container cannot hold the stream.
  func hasGivenUp(_ stream: Int) -> Bool { (records[stream]?.inARow ?? 0) > Self.patience }

  /// Says what `name` goes without.
  func warn(_ name: String) {
    for (stream, record) in records.sorted(by: { $0.key < $1.key }) where record.lost > 0 {
      let what =
        !record.wasTaken
        ? "stream \(stream) of the input"
        : hasGivenUp(stream)
          ? "the rest of stream \(stream) of the input"
          : "\(record.lost) packets of stream \(stream) of the input"
      Log.warning("\(name) goes without \(what): \(record.reason)")
    }
  }
}
