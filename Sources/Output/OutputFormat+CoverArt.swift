import CFFmpeg
import Media

extension OutputFormat {
  /// The format for a video with cover art.
  ///
  /// FFmpeg's mov muxer writes no iTunes metadata, which hold it, but its mp4 muxer does, and a QuickTime movie that has them differs from an
  /// mp4 by its brand (ISO/IEC 14496-12, 4.3: `qt  ` instead of `isom`). So a mov is written that way where mp4 takes all other streams as
  /// mov does.
  func keepingCoverArt(of companions: MediaCompanions, _ video: AVCodecID) -> OutputFormat {
    guard muxer == "mov", companions.streams.contains(where: \.isCoverArt), let mp4 = av_guess_format("mp4", nil, nil),
      CodecFit.canHold(video, in: mp4),
      companions.streams.allSatisfy({ CompanionChoice.canHold($0, "mp4") || !CompanionChoice.canHold($0, "mov") })
    else { return self }
    var format = self
    format.muxer = "mp4"
    format.muxerOptions += [("brand", "qt  ")]
    return format
  }
}
