import Frames
import Imaging
import Pipeline
import Synchronization

/// Frames as JPEG for viewers, with their overlays. Keeps what it prepared for each size and style.
final class PictureRenderer: @unchecked Sendable {
  // Safety: `entries` is guarded; what an entry holds is used under its own lock.
  private struct Key: Hashable {
    let format: FrameFormat
    let width: Int
    let style: OverlayStyle
  }
  private struct Drawn: Hashable {
    let key: Key
    let wish: ExplanationWish?
  }
  private final class Entry: @unchecked Sendable {
    // Safety: used under `lock`.
    let lock = Mutex(())
    let picture: ViewPicture
    let composer: Composer

    init(_ key: Key) throws {
      picture = try ViewPicture(key.format, width: key.width)
      composer = try Composer(input: picture.format, layout: .overlay, style: key.style)
    }
  }
  private struct Entries: @unchecked Sendable {
    // Safety: the entries have locks of their own.
    var all: [Key: Entry] = [:]
  }
  private let entries = Mutex(Entries())

  /// The picture that these settings ask for; encoded once for all viewers that want the same.
  func jpeg(_ snapshot: Snapshot, _ settings: WatchSettings) throws -> [UInt8] {
    var style = settings.overlayStyle
    // An overlay that draws nothing here must not make another key.
    let shown = snapshot.shown(settings)
    if shown?.explanation == nil { style.overlays.remove(SaliencyOverlay.name) }
    if shown == nil { style.overlays = [] }
    let key = Key(format: snapshot.frame.format, width: settings.width, style: style)
    let wish = style.overlays.isEmpty ? nil : settings.saliency
    return try snapshot.encoded.bytes(Drawn(key: key, wish: wish)) {
      let entry = try entry(key)
      return try entry.lock.withLock { _ in
        try JPEGEncoder.encode(draw(snapshot, settings, style.overlays.isEmpty, entry))
      }
    }
  }

  private func draw(_ snapshot: Snapshot, _ settings: WatchSettings, _ isPlain: Bool, _ entry: Entry) -> Frame {
    guard !isPlain, let shown = snapshot.shown(settings, scale: entry.picture.scale) else {
      return entry.picture.readable(snapshot.frame)
    }
    let picture = entry.picture.writable(snapshot.frame)
    entry.composer.draw(shown, on: picture)
    return picture
  }

  private func entry(_ key: Key) throws -> Entry {
    if let known = entries.withLock({ $0.all[key] }) { return known }
    let made = try Entry(key)
    return entries.withLock { entries in
      // Sizes that are not asked for any more go, all at once: the others are made again in a moment.
      if entries.all.count >= 12 { entries.all.removeAll() }
      entries.all[key] = made
      return made
    }
  }
}
