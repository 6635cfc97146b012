import Frames
import Imaging
import Synchronization

/// Frames as JPEG for viewers. Keeps what it prepared for each size and style.
final class PictureRenderer: @unchecked Sendable {
  // Safety: `pictures` is guarded; a `ViewPicture` is used under the lock of its entry.
  private struct Key: Hashable {
    let format: FrameFormat
    let width: Int
    let heat: HeatStyle
  }
  private final class Entry: @unchecked Sendable {
    // Safety: used under `lock`.
    let lock = Mutex(())
    let picture: ViewPicture
    init(_ picture: ViewPicture) { self.picture = picture }
  }
  private struct Entries: @unchecked Sendable {
    // Safety: the entries have locks of their own.
    var all: [Key: Entry] = [:]
  }
  private let entries = Mutex(Entries())

  /// The picture that these settings ask for; encoded once for all who want the same.
  func jpeg(_ snapshot: Snapshot, _ settings: WatchSettings) throws -> [UInt8] {
    let shown = settings.saliency.flatMap { snapshot.explanations[$0] }
    let wish = shown == nil ? "" : "\(String(describing: settings.saliency)) \(settings.heat)"
    return try snapshot.encoded.bytes("picture \(settings.width) \(wish)") {
      let entry = try entry(Key(format: snapshot.frame.format, width: settings.width, heat: settings.heat))
      return try entry.lock.withLock { _ in
        try JPEGEncoder.encode(draw(snapshot, shown, entry.picture))
      }
    }
  }

  private func draw(_ snapshot: Snapshot, _ shown: ShownExplanation?, _ picture: ViewPicture) -> Frame {
    guard let shown, snapshot.frame.outage == nil else { return picture.draw(snapshot.frame, heat: nil) }
    return shown.values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return picture.draw(snapshot.frame, heat: nil) }
      return picture.draw(
        snapshot.frame,
        heat: HeatMap(
          height: shown.height, width: shown.width, values: base, placement: snapshot.placement, peak: shown.peak))
    }
  }

  private func entry(_ key: Key) throws -> Entry {
    if let known = entries.withLock({ $0.all[key] }) { return known }
    let made = Entry(try ViewPicture(key.format, width: key.width, heat: key.heat))
    return entries.withLock { entries in
      // Sizes that nobody asks for any more go, all at once: they are made again in a moment.
      if entries.all.count >= 12 { entries.all.removeAll() }
      entries.all[key] = made
      return made
    }
  }
}
