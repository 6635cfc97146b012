import Frames
import Synchronization
import Telemetry

/// Hands the packets of sound and subtitles of a live source, past the pictures, to the outputs that write them.
final class PacketRelay: Sendable {
  typealias Taker = @Sendable (any CompanionPacket) throws -> Void
  private let takers = Mutex<(all: [Int: Taker], next: Int)>(([:], 0))

  /// From now on packets are handed on; returns what `remove` takes.
  func add(_ taker: @escaping Taker) -> Int {
    takers.withLock { state in
      state.next += 1
      state.all[state.next] = taker
      return state.next
    }
  }

  /// No further packet is handed on once this returns.
  func remove(_ number: Int) { takers.withLock { _ = $0.all.removeValue(forKey: number) } }

  /// Called by the source's thread. A taker that fails gets no more.
  func pass(_ packet: any CompanionPacket) {
    takers.withLock { state in
      for (number, taker) in state.all {
        do { try taker(packet) } catch {
          Log.warning("sound and subtitles are no longer written: \(error)")
          state.all[number] = nil
        }
      }
    }
  }
}
