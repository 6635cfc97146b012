import Frames

/// One time line for all tracks of a container whose clock may jump, as MPEG-TS does where files were joined, a sender began anew, or
/// 33 bits ran over. All times are in nanoseconds.
///
/// Between two jumps the tracks share a **section**: one number is added to all their times, so that sound stays in step with the picture.
/// A track whose time jumps begins a new section, placed so that this track goes on where it was due. The others follow when
/// their own times jump. They jump at other packets, for containers interleave them loosely, so each track remembers its section.
struct Continuity {
  /// The jumps that were taken out.
  private(set) var jumps = TimeJumps()

  private final class Section {
    /// What is added to the container's times.
    var offset: Int64
    init(_ offset: Int64) { self.offset = offset }
  }

  private struct Track {
    var section: Section
    /// Where the last packet was placed, and where the next one is due.
    var last: Int64, due: Int64
    var usualDuration: Int64
  }

  private var sections = [Section(0)]
  private var tracks: [Int: Track] = [:]
  private var now: Int64?

  /// A gap up to this is a gap: packets were lost, or the track pauses. FFmpeg's programs draw the line here too (`-dts_delta_threshold`).
  private static let longestGap: Int64 = 10_000_000_000
  /// A step back up to this is noise of the sender's clock.
  private static let noise: Int64 = 100_000_000
  /// Sections that packets may still belong to: late ones, and those of programs that have clocks of their own.
  private static let remembered = 16

  init() {}

  /// Reading goes on elsewhere in the file.
  mutating func forget() { (sections, tracks, now) = ([Section(0)], [:], nil) }

  /// What is to be added to the times of the next packet of a track.
  /// - Parameters:
  ///   - time: when it is decoded, by the container.
  ///   - duration: 0 when unknown.
  ///   - backLimit: how far times may go back; more than `noise` where packets are not in order.
  ///   - period: after which the container's clock begins anew; 0 for never.
  mutating func offset(
    track index: Int, time: Int64, duration: Int64, backLimit: Int64 = 0, period: Int64 = 0
  ) -> Int64 {
    let section = section(of: index, time, max(Self.noise, backLimit), period)
    let placed = time.addingClamped(section.offset)
    var track = tracks[index] ?? Track(section: section, last: placed, due: placed, usualDuration: 0)
    let step = placed.subtractingClamped(track.last)
    if duration > 0 {
      track.usualDuration = duration
    } else if 0 < step, step < Self.longestGap {
      track.usualDuration = step
    }
    (track.section, track.last, track.due) = (section, placed, placed.addingClamped(track.usualDuration))
    tracks[index] = track
    now = placed
    return section.offset
  }

  /// The same for a track whose packets come now and then, such as subtitles: it belongs where the others are.
  func offset(sparse time: Int64) -> Int64 {
    guard let now else { return sections[sections.count - 1].offset }
    return nearest(time, to: now).offset
  }

  private mutating func section(of index: Int, _ time: Int64, _ backLimit: Int64, _ period: Int64) -> Section {
    let latest = sections[sections.count - 1]
    guard let track = tracks[index] else { return beginning(time, latest) }
    let error = Self.error(time, track.section, track.due)
    let goesBack = time.addingClamped(track.section.offset).addingClamped(backLimit) < track.last
    if !goesBack, abs(error) <= Self.noise { return track.section }
    // Into a section that has begun already; or back, behind a single wrong time stamp.
    let best = nearest(time, to: track.due)
    if best !== track.section, abs(Self.error(time, best, track.due)) <= Self.noise { return joined(best, time, track) }
    let errorOfLatest = Self.error(time, latest, track.due)
    if !goesBack, error <= Self.longestGap {
      return abs(errorOfLatest) < abs(error) ? joined(latest, time, track) : track.section
    }
    if track.section !== latest, abs(errorOfLatest) <= Self.longestGap { return joined(latest, time, track) }
    if let place = behindPause(time, track) { return place }
    jumps.note(Double(error) * 1e-9, at: Double(track.due) * 1e-9, period: Double(period) * 1e-9)
    return begin(at: track.due, time)
  }

  /// The section of a track that was silent for long while others went on; nil where its time does not fit to theirs.
  private func behindPause(_ time: Int64, _ track: Track) -> Section? {
    guard let now else { return nil }
    let near = nearest(time, to: now)
    guard abs(Self.error(time, near, now)) <= Self.longestGap, time.addingClamped(near.offset) >= track.last else {
      return nil
    }
    return near
  }

  /// The first packet of a track belongs near those of the others.
  private mutating func beginning(_ time: Int64, _ latest: Section) -> Section {
    guard let now, abs(Self.error(time, latest, now)) > Self.longestGap else { return latest }
    let best = nearest(time, to: now)
    return abs(Self.error(time, best, now)) > Self.longestGap ? begin(at: now, time) : best
  }

  private mutating func begin(at due: Int64, _ time: Int64) -> Section {
    let section = Section(due.subtractingClamped(time))
    sections.append(section)
    if sections.count > Self.remembered { sections.removeFirst() }
    return section
  }

  /// A track follows into a section. Where it would go back there, because it lasted longer before the jump than the track that jumped
  /// first, the whole section moves on.
  private func joined(_ section: Section, _ time: Int64, _ track: Track) -> Section {
    if time.addingClamped(section.offset) < track.last { section.offset = track.due.subtractingClamped(time) }
    return section
  }

  private func nearest(_ time: Int64, to due: Int64) -> Section {
    // The latest wins a tie.
    sections.reversed().min { abs(Self.error(time, $0, due)) < abs(Self.error(time, $1, due)) } ?? sections[0]
  }

  private static func error(_ time: Int64, _ section: Section, _ due: Int64) -> Int64 {
    max(time.addingClamped(section.offset).subtractingClamped(due), -Int64.max)
  }
}
