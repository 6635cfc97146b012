import CFFmpeg
import Foundation
import Frames
import Media

@testable import Capture

/// Reads a source to its end, or `limit` frames of it.
func decode(_ uri: String, _ options: SourceOptions = SourceOptions(), limit: Int = .max) throws -> Decoded {
  try decode(openSource(SourceAddress(uri), options: options), limit: limit)
}

/// Reads an open source to its end, or `limit` frames of it, into three frames in turn as a ring would.
func decode(_ source: any FrameSource, limit: Int = .max) throws -> Decoded {
  let collected = Collected()
  source.onCompanion = { packet in
    guard let packet = packet as? MediaPacket else { return }
    let index = packet.streamIndex
    collected.times[index, default: []].append(packet.pointer.pointee.pts)
    if let data = packet.pointer.pointee.data {
      collected.bytes[index, default: Data()].append(data, count: Int(packet.pointer.pointee.size))
    }
  }
  var result = Decoded(format: source.format, info: source.info)
  let slots = (0..<3).map { _ in Frame(source.format) }
  while result.times.count < limit, try source.read(into: slots[result.times.count % 3]) {
    let frame = slots[result.times.count % 3]
    result.times.append(frame.pts)
    result.samples.append(frame.packed())
    if frame.isDamaged { result.damagedFrames += 1 }
  }
  result.counters = source.counters
  (result.companionTimes, result.companionBytes) = (collected.times, collected.bytes)
  return result
}

private final class Collected {
  var times: [Int: [Int64]] = [:]
  var bytes: [Int: Data] = [:]
}
