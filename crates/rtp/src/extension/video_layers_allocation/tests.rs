use proptest::prelude::*;

use super::*;

fn written(allocation: &VideoLayersAllocation) -> Vec<u8> {
    let mut out = Vec::new();
    allocation.write(&mut out);
    out
}

#[test]
fn nothing_sent_is_a_zero() {
    assert_eq!(written(&VideoLayersAllocation::NONE), [0]);
    assert_eq!(VideoLayersAllocation::parse(&[0]), Ok(VideoLayersAllocation::NONE));
}

#[test]
fn one_stream_with_three_temporal_layers() {
    let bytes = [0x01, 0x80, 50, 100, 0xc8, 0x01];
    let layer = SpatialLayer::new(0, 0, &[50, 100, 200]).unwrap();
    let allocation = VideoLayersAllocation::new(0, 1, vec![layer]).unwrap();
    assert_eq!(VideoLayersAllocation::parse(&bytes), Ok(allocation.clone()));
    assert_eq!(written(&allocation), bytes);
}

#[test]
fn streams_of_different_layers_have_masks_of_their_own() {
    // Streams 0 and 2 of three; stream 2 has layers 0 and 1.
    let bytes = [0x60, 0x10, 0x30, 0b0001_0000, 10, 20, 30, 40];
    let layers = vec![
        SpatialLayer::new(0, 0, &[10]).unwrap(),
        SpatialLayer::new(2, 0, &[20, 30]).unwrap(),
        SpatialLayer::new(2, 1, &[40]).unwrap(),
    ];
    let allocation = VideoLayersAllocation::new(1, 3, layers).unwrap();
    assert_eq!(VideoLayersAllocation::parse(&bytes), Ok(allocation.clone()));
    assert_eq!(written(&allocation), bytes);
}

#[test]
fn sizes_come_last() {
    let bytes = [0x51, 0, 10, 20, 2, 0x7f, 1, 0x67, 30, 4, 0xff, 2, 0xcf, 15];
    let allocation = VideoLayersAllocation::parse(&bytes).unwrap();
    assert_eq!((allocation.stream(), allocation.streams()), (1, 2));
    let sizes: Vec<_> = allocation.layers().iter().map(|layer| layer.resolution.unwrap()).collect();
    assert_eq!(
        (sizes[0].width_minus_1, sizes[0].height_minus_1, sizes[0].frame_rate),
        (639, 359, 30)
    );
    assert_eq!((sizes[1].width_minus_1, sizes[1].frame_rate), (1279, 15));
    assert_eq!(written(&allocation), bytes);
    for len in (0..bytes.len()).filter(|len| *len != 4) {
        assert!(VideoLayersAllocation::parse(&bytes[..len]).is_err(), "{len}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(
        VideoLayersAllocation::parse(&longer),
        Err(ParseError::Length { length: 15, expected: 14 })
    );
}

#[test]
fn what_cannot_be_is_refused() {
    // Bitrates of nine bytes; a stream that is not there; no layer at all.
    let nine = [&[1, 0][..], &[0x80; 8], &[0]].concat();
    assert!(VideoLayersAllocation::parse(&nine).is_err());
    assert_eq!(VideoLayersAllocation::parse(&[0x41, 0, 1]), Err(ParseError::Forbidden(0x41)));
    assert_eq!(VideoLayersAllocation::parse(&[0, 0]), Err(ParseError::Forbidden(0)));
    let layer = |stream, layer| SpatialLayer::new(stream, layer, &[1]).unwrap();
    assert_eq!(VideoLayersAllocation::new(0, 2, vec![layer(1, 0), layer(0, 0)]), None);
    assert_eq!(VideoLayersAllocation::new(0, 1, vec![layer(1, 0)]), None);
    assert_eq!(VideoLayersAllocation::new(0, 5, vec![layer(1, 0)]), None);
    assert_eq!(SpatialLayer::new(0, 0, &[]), None);
    assert_eq!(SpatialLayer::new(0, 0, &[0; 5]), None);
    assert_eq!(SpatialLayer::new(0, 4, &[0]), None);
}

proptest! {
    #[test]
    fn what_is_read_is_written_to_be_read_alike(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(value) = VideoLayersAllocation::parse(&bytes) {
            prop_assert_eq!(VideoLayersAllocation::parse(&written(&value)), Ok(value));
        }
    }

    #[test]
    fn what_is_built_is_read(
        present in prop::collection::btree_map(
            (0..4_u8, 0..4_u8),
            (prop::collection::vec(0..=SpatialLayer::MAX_BITRATE, 1..5), any::<(u16, u16, u8)>()),
            1..16),
        with_size in any::<bool>(),
        stream in 0..4_u8,
    ) {
        let layers = present.into_iter().map(|((stream, layer), (bitrates, size))| {
            let (width_minus_1, height_minus_1, frame_rate) = size;
            let size = LayerResolution { width_minus_1, height_minus_1, frame_rate };
            let layer = SpatialLayer::new(stream, layer, &bitrates).unwrap();
            SpatialLayer { resolution: with_size.then_some(size), ..layer }
        });
        let value = VideoLayersAllocation::new(stream, 4, layers.collect()).unwrap();
        prop_assert_eq!(VideoLayersAllocation::parse(&written(&value)), Ok(value));
    }
}
